package io.alldocs.worker.internal.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** The live page: a single HTML file that polls {@code /progress} and has no other dependencies. */
public final class Page {
    private Page() {}

    public static byte[] html() {
        try (InputStream in = Page.class.getResourceAsStream("page.html")) {
            if (in == null) {
                throw new IllegalStateException("The worker's jar does not contain its HTML page.");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the HTML page in the worker's jar.", e);
        }
    }
}
