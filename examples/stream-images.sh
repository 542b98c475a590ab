curl -N http://127.0.0.1:3000/v1/images/generations -H 'Content-Type: application/json' \
  -d '{"model":"wan2.7-image","prompt":"四季","n":4,"enable_sequential":true,"stream":true}'
