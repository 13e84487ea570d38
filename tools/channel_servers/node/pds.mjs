// A Bluesky data server and its directory of identities (PLC, in memory), in one process.
// Environment: PORT, PLC_PORT, HOME_DIR, ADMIN_PASSWORD.
import { mkdirSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import plc from '@did-plc/server'
import { PDS, envToCfg, envToSecrets, readEnv } from '@atproto/pds'

const { PORT, PLC_PORT, HOME_DIR, ADMIN_PASSWORD } = process.env
const directory = plc.PlcServer.create({ db: plc.Database.mock(), port: Number(PLC_PORT) })
await directory.start()
mkdirSync(`${HOME_DIR}/blobs`, { recursive: true })
Object.assign(process.env, {
  PDS_HOSTNAME: 'localhost',
  PDS_PORT: PORT,
  PDS_DEV_MODE: 'true',
  PDS_DATA_DIRECTORY: HOME_DIR,
  PDS_BLOBSTORE_DISK_LOCATION: `${HOME_DIR}/blobs`,
  PDS_DID_PLC_URL: `http://127.0.0.1:${PLC_PORT}`,
  PDS_PLC_ROTATION_KEY_K256_PRIVATE_KEY_HEX: randomBytes(32).toString('hex'),
  PDS_JWT_SECRET: randomBytes(16).toString('hex'),
  PDS_ADMIN_PASSWORD: ADMIN_PASSWORD,
  PDS_SERVICE_HANDLE_DOMAINS: '.test',
  PDS_INVITE_REQUIRED: 'false',
  PDS_DISABLE_SSRF_PROTECTION: 'true',
  PDS_CRAWLERS: '',
})
const env = readEnv()
const pds = await PDS.create(envToCfg(env), envToSecrets(env))
await pds.start()
