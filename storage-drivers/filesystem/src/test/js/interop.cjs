'use strict'
// Runs one command of npm's cacache on a cache folder, and prints its result as JSON.
// Usage: node interop.cjs COMMAND FOLDER [ARGUMENT...]

const cacache = require('cacache')

const encode = (data) => data.toString('base64')

const commands = {
  // Returns every live entry with its content, read by key and by digest.
  async read (folder) {
    const entries = []
    for (const entry of Object.values(await cacache.ls(folder))) {
      const { data, metadata } = await cacache.get(folder, entry.key)
      const byDigest = await cacache.get.byDigest(folder, entry.integrity)
      if (!data.equals(byDigest)) {
        throw new Error(`${entry.key} differs by key and by digest`)
      }
      entries.push({ key: entry.key, integrity: entry.integrity, size: entry.size, time: entry.time, metadata, data: encode(data) })
    }
    return entries
  },

  verify: (folder) => cacache.verify(folder),

  // Stores, overwrites and removes entries as a program does. Returns the entries that the cache must contain.
  async fill (folder) {
    const expected = {}
    const put = async (key, data, options) => {
      await cacache.put(folder, key, data, options)
      expected[key] = encode(Buffer.from(data))
    }
    for (let i = 0; i < 40; i++) {
      await put(`sha512 ${i}`, `content ${i % 30}`)
    }
    await put('sha256', 'by sha256', { algorithms: ['sha256'] })
    await put('sha1', 'by sha1', { algorithms: ['sha1'] })
    await put('ключ 🗝 "quoted"\n', 'unicode', { metadata: { any: ['thing', null, { deep: true }] } })
    await put('text metadata', 'text', { metadata: 'not an object' })
    await put('empty', '')
    await put('large', Buffer.alloc(3 << 20, 'large'))
    for (let i = 0; i < 5; i++) {
      await put('overwritten', `version ${i}`, { metadata: { i } })
    }
    await put('removed', 'removed')
    await cacache.rm.entry(folder, 'removed')
    delete expected.removed
    await put('removed and back', 'first')
    await cacache.rm.entry(folder, 'removed and back')
    await put('removed and back', 'second')
    await put('without content', 'lost')
    await cacache.rm.content(folder, (await cacache.get.info(folder, 'without content')).integrity)
    delete expected['without content']
    return expected
  },

  // Stores entries for some milliseconds while other processes do the same.
  // Returns the last value of each of its own keys.
  async write (folder, milliseconds) {
    const expected = {}
    const end = Date.now() + Number(milliseconds)
    for (let i = 0; Date.now() < end; i++) {
      const key = `js-${i % 300}`
      const value = `js ${i} `.repeat(i % 500)
      await cacache.put(folder, key, value)
      expected[key] = encode(Buffer.from(value))
      await cacache.put(folder, 'both', `js ${i}`)
      await cacache.put(folder, `common-${i}`, `common ${i}`, { algorithms: ['sha256'] })
      if (i % 7 === 0) {
        await cacache.rm.entry(folder, key)
        delete expected[key]
      }
    }
    return expected
  },
}

const [command, ...args] = process.argv.slice(2)
commands[command](...args).then(
  (result) => process.stdout.write(JSON.stringify(result)),
  (error) => {
    process.stderr.write(`${error.stack}\n`)
    process.exitCode = 1
  }
)
