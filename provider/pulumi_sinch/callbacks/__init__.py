"""For receivers of callbacks: verify signatures, and send sample events."""
