// Real mail servers for the tests, on ports the kernel picks: exim, run without privileges and delivering into a Maildir, and
// npm's smtp-server, which does what a test tells it. Nothing here knows what is being tested.
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { until } from './lib.mjs';

const NOBODY = 65534;

// A certificate that names 127.0.0.1 (or not, to be refused) and its key, as files; {key, cert} as paths.
export function makeCertificate(folder, { name = 'IP:127.0.0.1', prefix = 'server' } = {}) {
  const key = path.join(folder, `${prefix}.key`);
  const cert = path.join(folder, `${prefix}.crt`);
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-keyout', key,
    '-out', cert, '-subj', '/CN=tocsin test', '-addext', `subjectAltName=${name}`], { stdio: 'ignore' });
  return { key, cert };
}

export function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

const answers = (port) => new Promise((resolve) => {
  const socket = net.connect(port, '127.0.0.1');
  socket.on('data', () => resolve(true) || socket.destroy());
  socket.on('error', () => resolve(false));
});

// exim with STARTTLS on `port` and implicit TLS on `tlsPort`; user "u", password "p"; refuses bad*, defers grey*.
export class Exim {
  static async start(folder, { key, cert }) {
    const exim = new Exim();
    exim.folder = path.join(folder, 'exim');
    fs.mkdirSync(path.join(exim.folder, 'log'), { recursive: true });
    fs.copyFileSync(key, path.join(exim.folder, 'srv.key'));
    fs.copyFileSync(cert, path.join(exim.folder, 'srv.crt'));
    [exim.port, exim.tlsPort] = [await freePort(), await freePort()];
    const template = fs.readFileSync(new URL('./exim.conf', import.meta.url), 'utf8');
    const config = template.replaceAll('@DIR@', exim.folder).replaceAll('@PORT@', exim.port).replaceAll('@TLS_PORT@', exim.tlsPort);
    fs.writeFileSync(path.join(exim.folder, 'exim.conf'), config);
    execFileSync('chown', ['-R', `${NOBODY}:65534`, exim.folder]);
    fs.chmodSync(folder, 0o755);
    exim.child = spawn('/usr/sbin/exim4', ['-C', path.join(exim.folder, 'exim.conf'), '-bdf'], { uid: NOBODY, gid: 65534, stdio: 'ignore' });
    // A child that is left behind would keep a failed test from ending.
    await until(() => answers(exim.port), 'exim answers').catch((error) => {
      exim.stop();
      throw error;
    });
    return exim;
  }
  // What was delivered, read by mailparser.
  async mails() {
    const folder = path.join(this.folder, 'mail', 'new');
    const files = fs.existsSync(folder) ? fs.readdirSync(folder).sort() : [];
    return Promise.all(files.map((file) => simpleParser(fs.readFileSync(path.join(folder, file)))));
  }
  stop() {
    this.child.kill('SIGTERM');
  }
}

// npm smtp-server; `options` are its own, `refuse(address)` gives an Error with a responseCode, or nothing.
export class MailServer {
  static async start({ key, cert }, { refuse = () => undefined, ...options } = {}) {
    const server = new MailServer();
    server.mails = [];
    server.logins = [];
    server.server = new SMTPServer({
      key: fs.readFileSync(key),
      cert: fs.readFileSync(cert),
      authMethods: ['PLAIN', 'LOGIN', 'XOAUTH2'],
      onAuth: (auth, _session, done) => {
        server.logins.push(auth.method);
        if (auth.username === 'u@example.com' && (auth.password ?? auth.accessToken) === 'canary-p4ssword') return done(null, { user: auth.username });
        return done(Object.assign(new Error('5.7.8 bad credentials'), { responseCode: 535 }));
      },
      onRcptTo: (address, _session, done) => done(refuse(address.address)),
      onData: (stream, session, done) => {
        simpleParser(stream).then((mail) => {
          server.mails.push({ mail, to: session.envelope.rcptTo.map((each) => each.address), from: session.envelope.mailFrom.address, secure: session.secure });
          done(null, '2.0.0 queued');
        }, done);
      },
      ...options,
    });
    // A client that refuses the certificate is an error here, and without a listener the end of the process.
    server.server.on('error', () => {});
    await new Promise((resolve) => server.server.listen(0, '127.0.0.1', resolve));
    server.port = server.server.server.address().port;
    return server;
  }
  stop() {
    return new Promise((resolve) => this.server.close(resolve));
  }
}
