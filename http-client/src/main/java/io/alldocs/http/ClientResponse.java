package io.alldocs.http;

import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.util.OptionalLong;

/**
 * A response whose body is still arriving. It is valid only inside the {@link ResponseReader} that receives it, unless
 * {@link BaseHttpClient#open} returned it. {@code toString()} shows only the status and the redacted address.
 *
 * @param status HTTP status
 * @param uri address that answered, after redirects, without credentials
 * @param headers as received
 * @param body bytes as received (gzip stays gzip). A read throws an IOException if it exceeds the stall timeout or the
 *     deadline, or if fewer bytes arrive than were declared. The client treats this as a failed attempt and may retry
 *     it
 * @param contentLength declared length in bytes
 */
public record ClientResponse(int status, URI uri, HttpHeaders headers, InputStream body, OptionalLong contentLength) {
    /**
     * Returns whether only the end of the connection marks the end of the body. A truncated body then looks complete
     * (RFC 9112 §8), so the reader must detect from the content that it is complete.
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
