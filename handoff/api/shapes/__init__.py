"""What the API takes and gives, one module an area. Times are ISO 8601 in UTC; a field once given stays."""
