"""What nurses do beside consultations: dressings, injections, antenatal contacts, family planning, advice."""
