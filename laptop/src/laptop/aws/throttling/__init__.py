"""What streams take each second, enforced on request: for drills, and for those who want AWS's own limits."""
