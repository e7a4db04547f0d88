import type { IncomingHttpHeaders } from 'node:http';
import { ServiceRefusal } from './service-error.ts';

const loopbackHost = /^(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(?::\d{1,5})?$/i;

/** Types that a web page may send to another site without asking first: https://fetch.spec.whatwg.org/#cors-safelisted-request-header. */
const formType = /^(?:application\/x-www-form-urlencoded|multipart\/form-data|text\/)/i;

/**
 * Refuses what a web page in a browser on this machine could send. The name in Host must be a loopback name, so that a
 * name of the page's own that points to 127.0.0.1 (DNS rebinding) does not pass; Origin must be absent; the type must not
 * be one that pages may send without asking. Throws ServiceRefusal.
 */
export function refuseBrowsers(headers: IncomingHttpHeaders): void {
  if (!loopbackHost.test(headers.host ?? '')) {
    throw new ServiceRefusal(
      'AccessDeniedException',
      'the Host header must name this machine: localhost, 127.0.0.1 or [::1]; use the endpoint address as it was printed',
    );
  }
  if (headers.origin !== undefined) {
    throw new ServiceRefusal('AccessDeniedException', 'requests of web pages (with an Origin header) are not accepted');
  }
  if (formType.test(headers['content-type'] ?? '')) {
    throw new ServiceRefusal(
      'UnsupportedMediaTypeException',
      'the content type of the request body is not JSON: send application/json',
    );
  }
}
