"""What customers say: contacts, complaints, surveys."""
