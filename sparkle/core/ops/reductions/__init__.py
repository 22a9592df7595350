"""What takes several elements to one, running totals, and orders."""
