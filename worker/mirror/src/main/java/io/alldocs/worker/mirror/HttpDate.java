package io.alldocs.worker.mirror;

import io.alldocs.spi.HttpDates;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;

/** HTTP dates (RFC 9110 §5.6.7), and the Date line of the current second. */
final class HttpDate {
    private static final DateTimeFormatter FORMAT = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private record Line(long second, byte[] bytes) {}

    private static volatile Line now = new Line(-1, new byte[0]);

    private HttpDate() {}

    /** Returns {@code date: …} with its line break, rendered once a second. */
    static byte[] line() {
        long second = System.currentTimeMillis() / 1000;
        Line line = now;
        if (line.second() != second) {
            String text = "date: " + FORMAT.format(Instant.ofEpochSecond(second)) + "\r\n";
            line = new Line(second, text.getBytes(StandardCharsets.US_ASCII));
            now = line;
        }
        return line.bytes();
    }

    /** Parses any of HTTP's three date formats; empty for an invalid date, which must be ignored (RFC 9110 §13.1.3). */
    static Optional<Instant> parse(String text) {
        return HttpDates.parse(text, Instant.now());
    }
}
