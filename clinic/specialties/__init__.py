"""The catalogue of specialties, where each is practised and by whom."""
