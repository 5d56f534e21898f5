"""What several tests need. No test lives here."""
