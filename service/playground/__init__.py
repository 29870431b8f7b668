"""The playground: a page that asks the service, shows what it found, and sends corrections."""
