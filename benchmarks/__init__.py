"""What is measured and tortured by hand or by night, outside the application."""
