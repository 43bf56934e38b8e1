"""What can be recognised in the words of a saved page: dates, gaps, notes, stamps, references; nothing is concluded."""
