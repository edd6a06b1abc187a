// Runs at CloudFront for every request of the web client (viewer request, cloudfront-js-2.0).
// Its pages have addresses without a file of their own: all of them are index.html. What names a
// file that is not there stays the 404 that it is.
function handler(event) {
  const request = event.request;
  const name = request.uri.slice(request.uri.lastIndexOf('/') + 1);
  if (!name.includes('.')) request.uri = '/index.html';
  return request;
}
