package io.alldocs.http;

/**
 * Switches on the JDK's own checks of chunked bodies. The parser of {@code java.net.http} states what it expects of a
 * chunk (a size above zero, a CRLF behind the data) as assertions, which a JVM skips by default. Without them, a size
 * from 80000000 to fffffffe, which is negative as an int, makes the parser loop for ever in the selector thread, and a
 * missing size or CRLF ends the body early as if it were whole (JDK 17.0.15 and 25.0.3, measured by
 * {@code TransportContract}). With them, such a body fails like any other that is cut. A response with trailer fields
 * fails too, because the JDK's parser does not know them.
 *
 * <p>An assertion status counts only for classes that are initialized later. In a program that used
 * {@code java.net.http} for a chunked body before, the parser stays as it was. {@link JdkTransport} gives up a client
 * whose selector thread does not come back, but cannot end a loop in the calling thread. The option
 * {@code -ea:jdk.internal.net.http.ResponseContent} of the JVM (and the same for
 * {@code jdk.internal.net.http.common.Utils}) prevents both.
 */
final class ParserChecks {

    /** The parser, and the class that holds the switch for its check of the CRLF. */
    private static final String[] CLASSES = {
        "jdk.internal.net.http.ResponseContent", "jdk.internal.net.http.common.Utils",
    };

    private ParserChecks() {}

    /** Does nothing if {@code java.net.http} has no class loader to ask, or other classes. */
    static void enable() {
        ClassLoader loader = java.net.http.HttpClient.class.getClassLoader();
        if (loader != null) {
            for (String name : CLASSES) {
                loader.setClassAssertionStatus(name, true);
            }
        }
    }
}
