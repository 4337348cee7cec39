"""One business database for each example register: its schema, data of any size, and what its rules should do there.

Made-up firms' tables with made-up people: nothing here comes from the companies whose policies the registers describe.
"""
