/**
 * The HTTP client: requests, credentials, rate limit, retry, and the SPI of HTTP transports.
 *
 * @since 0.1.0
 */
module io.alldocs.http {
    requires transitive io.alldocs.core;
    requires transitive java.net.http;
    requires static transitive org.jspecify;

    exports io.alldocs.http;

    uses io.alldocs.http.HttpTransportProvider;
}
