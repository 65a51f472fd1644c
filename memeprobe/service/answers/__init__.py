"""What the routes take and send, as /openapi.json describes it."""
