"""What a labelled sentence is: tokens, spans, tags, rows, catalogue, gazetteer, generator. No torch."""
