"""What people fill in around a bid."""
