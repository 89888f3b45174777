"""Set-ups of large lots: compiled moves that close some, place their units again and open what pays."""
