"""Text to slots: vocabulary, tagger, bundle, parser. Knows nothing of HTTP."""
