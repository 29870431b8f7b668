"""What a sentence should have been, said by users or doubted by the model, kept until a person has looked at it."""
