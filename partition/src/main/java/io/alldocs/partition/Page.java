package io.alldocs.partition;

import io.alldocs.cache.BodyReceiver.Received;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.util.Objects;

/** An answer of {@code _all_docs} that was read and proven, but not stored yet. Close it unless its body was given to a cache. */
record Page(PageScan scan, Received received, int status, HttpHeaders headers, URI uri) implements AutoCloseable {

    /** Id of the first row of a page that has one. */
    String firstId() {
        return Objects.requireNonNull(scan.first());
    }

    @Override
    public void close() {
        received.body().close();
    }
}
