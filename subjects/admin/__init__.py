from subjects.admin import records, requests

__all__ = ["records", "requests"]
