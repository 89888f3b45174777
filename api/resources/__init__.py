"""What every collection of the API has in common; the folders beside this one declare what differs."""
