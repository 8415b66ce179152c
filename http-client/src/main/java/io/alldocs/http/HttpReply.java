package io.alldocs.http;

import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.util.OptionalLong;

/**
 * An answer whose body is still arriving. Valid only inside the {@link ReplyReader} it was given to, unless
 * {@link BaseHttpClient#open} returned it. {@code toString()} shows status and redacted address only.
 *
 * @param status HTTP status
 * @param uri address that answered, after redirects, without credentials
 * @param headers as received
 * @param body bytes as received (gzip stays gzip); reading past a stall or the deadline throws an IOException that the
 *     client turns into a retry; ends early with an IOException when fewer bytes arrive than were declared
 * @param contentLength declared length in bytes
 */
public record HttpReply(int status, URI uri, HttpHeaders headers, InputStream body, OptionalLong contentLength) {
    /**
     * Whether nothing but the end of the connection says where the body ends, so that a cut one looks whole (RFC 9112
     * §8): the body itself must show that it is complete.
     */
    public boolean endsWithConnection() {
        return contentLength.isEmpty()
                && headers.firstValue("transfer-encoding").isEmpty();
    }

    @Override
    public String toString() {
        return "HTTP " + status + " from " + Redaction.uri(uri);
    }
}
