package io.alldocs.partition;

import io.alldocs.cache.body.BodyReceiver.Received;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.util.Objects;

/**
 * A response of {@code _all_docs} that was read and checked, but not stored yet. The owner must close the page unless
 * its body was passed to a cache.
 */
record Page(PageScan scan, Received received, int status, HttpHeaders headers, URI uri) implements AutoCloseable {

    /** Returns the id of the first row of a non-empty page. */
    String firstId() {
        return Objects.requireNonNull(scan.first());
    }

    @Override
    public void close() {
        received.body().close();
    }
}
