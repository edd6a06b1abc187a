// Says its port on stdout and serves from memory until stdin is closed, so that it never
// outlives the tests.
const dynalite = require('dynalite')

const server = dynalite({ createTableMs: 0, updateTableMs: 0, deleteTableMs: 0 })
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
process.stdin.on('end', () => process.exit()).resume()
