package io.alldocs.http;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;

/** Reads the start of the body of an error response, for the message of an exception. */
final class ErrorExcerpt {
    private static final Logger LOG = System.getLogger(BaseHttpClient.class.getName());

    /**
     * UTF-8 has at most three bytes for each {@code char}. One character is read beyond those that are searched, so
     * that a truncated text can be recognized.
     */
    private static final int MAX_BYTES = 3 * (Redaction.SEARCHED_CHARACTERS + 1);

    private ErrorExcerpt() {}

    /** Returns the start of the text; empty if there is none. The body is not closed. */
    static String of(ClientResponse reply) {
        byte[] start;
        try {
            start = reply.body().readNBytes(MAX_BYTES);
        } catch (IOException e) {
            return "";
        }
        boolean gzip = reply.headers()
                .firstValue("content-encoding")
                .filter("gzip"::equalsIgnoreCase)
                .isPresent();
        return new String(gzip ? gunzipped(start) : start, StandardCharsets.UTF_8);
    }

    private static byte[] gunzipped(byte[] start) {
        byte[] text = new byte[MAX_BYTES];
        int length = 0;
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(start))) {
            for (int n = 0; n >= 0 && length < text.length; n = in.read(text, length, text.length - length)) {
                length += n;
            }
        } catch (IOException e) {
            LOG.log(Level.TRACE, "The gzip body of an error response is truncated or damaged.", e);
        }
        return Arrays.copyOf(text, length);
    }
}
