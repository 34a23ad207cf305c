// A client of the notification stream that keeps what it got and where it was, as EventSource does.
import http from 'node:http';
import { holdItemToContract, holdToContract } from './contract.mjs';
import { until } from './lib.mjs';

export class Stream {
  // Resolves when the first event is there; `lastEventId` resumes.
  static async open(daemon, team, token, lastEventId = '') {
    const stream = new Stream();
    stream.events = [];
    stream.lastEventId = lastEventId;
    stream.ended = false;
    const path = `/v1/teams/${team}/inbox/stream`;
    await new Promise((resolve, reject) => {
      stream.request = http.get({
        port: daemon.port, path, agent: false,
        headers: { host: 'localhost', authorization: `Bearer ${token}`, accept: 'text/event-stream', ...(lastEventId === '' ? {} : { 'last-event-id': lastEventId }) },
      }, (response) => {
        stream.response = response;
        stream.status = response.statusCode;
        if (stream.status === 200) holdToContract('GET', path, { status: 200, headers: response.headers });
        response.setEncoding('utf8');
        let text = '';
        response.on('data', (chunk) => {
          text += chunk;
          for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
            stream.take(text.slice(0, end));
            text = text.slice(end + 2);
          }
          if (stream.events.length > 0) resolve();
        });
        response.on('close', () => {
          stream.ended = true;
          resolve();
        });
      });
      stream.request.on('error', (error) => {
        stream.ended = true;
        reject(error);
      });
    });
    return stream;
  }
  take(block) {
    const event = { type: 'message', data: '' };
    for (const line of block.split('\n')) {
      if (line.startsWith('event: ')) event.type = line.slice(7);
      if (line.startsWith('id: ')) this.lastEventId = event.id = line.slice(4);
      if (line.startsWith('data: ')) event.data = JSON.parse(line.slice(6));
    }
    if (event.type === 'item') holdItemToContract(event.data);
    if (event.data !== '') this.events.push(event);
  }
  // The first event of this type, and of what `fits`.
  next(type, fits = () => true) {
    return until(() => this.events.find((event) => event.type === type && fits(event)), `a ${type} event`);
  }
  stop() {
    this.request.destroy();
  }
}
