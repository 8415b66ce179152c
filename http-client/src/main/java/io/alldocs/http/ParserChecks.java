package io.alldocs.http;

/**
 * Enables the JDK's own checks of chunked bodies. The parser of {@code java.net.http} checks chunks (a size above zero,
 * a CRLF after the data) by assertions, which a JVM skips by default. Without them, a size from 80000000 to fffffffe,
 * which is negative as an int, makes the parser loop forever in the selector thread. A missing size or CRLF ends the
 * body early as if it were complete (JDK 17.0.15 and 25.0.3, measured by {@code TransportContract}). With them, such a
 * body fails like any other truncated body. A response with trailer fields fails too, because the JDK's parser does not
 * support them.
 *
 * <p>The assertion status only applies to classes that are initialized later. If a program has already used
 * {@code java.net.http} for a chunked body, the parser is unchanged. {@link JdkTransport} gives up a client whose
 * selector thread does not return, but cannot end a loop in the calling thread. The JVM option
 * {@code -ea:jdk.internal.net.http.ResponseContent} (and the same for {@code jdk.internal.net.http.common.Utils})
 * prevents both.
 */
final class ParserChecks {

    /** The parser, and the class that holds the switch for its CRLF check. */
    private static final String[] CLASSES = {
        "jdk.internal.net.http.ResponseContent", "jdk.internal.net.http.common.Utils",
    };

    private ParserChecks() {}

    /** Does nothing if {@code java.net.http} has no class loader, or has other classes. */
    static void enable() {
        ClassLoader loader = java.net.http.HttpClient.class.getClassLoader();
        if (loader != null) {
            for (String name : CLASSES) {
                loader.setClassAssertionStatus(name, true);
            }
        }
    }
}
