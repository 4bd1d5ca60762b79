"""What vendors offer and how it is judged: the wing behind the procurement one."""
