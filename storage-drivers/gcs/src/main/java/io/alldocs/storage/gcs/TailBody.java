package io.alldocs.storage.gcs;

import io.alldocs.cache.Body;
import java.io.IOException;
import java.io.InputStream;

/** What follows the first bytes of another body. */
record TailBody(Body whole, long offset) implements Body {

    @Override
    public long sizeBytes() {
        return whole.sizeBytes() - offset;
    }

    @Override
    public InputStream openStream() throws IOException {
        InputStream in = whole.openStream();
        try {
            in.skipNBytes(offset);
            return in;
        } catch (IOException e) {
            in.close();
            throw e;
        }
    }

    @Override
    public void close() {
        whole.close();
    }
}
