curl http://127.0.0.1:3000/v1/api-keys -H "Authorization: Bearer $ADMIN_API_KEY" -H 'Content-Type: application/json' \
  -d '{"name":"shop","rate_limit":30,"spend_limit":{"amount":"50.00","period":"month"}}'
