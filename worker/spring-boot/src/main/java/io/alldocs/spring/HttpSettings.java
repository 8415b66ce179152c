package io.alldocs.spring;

import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.HttpListener;
import java.util.Optional;

/**
 * The settings that every HTTP client of the application has, in addition to the npm configuration and the transport.
 *
 * @param properties the properties {@code all-docs.http.*}
 * @param listener receives the events of the clients
 */
record HttpSettings(AllDocsProperties.Http properties, HttpListener listener) {

    /** Returns a new builder with these settings. */
    BaseHttpClient.Builder builder() {
        BaseHttpClient.Builder builder = BaseHttpClient.builder().listener(listener);
        if (properties.contact() != null) {
            builder.contact(properties.contact());
        }
        return builder;
    }

    /** Returns the requests per second to the registry, if they are set. */
    Optional<Double> rate() {
        return Optional.ofNullable(properties.rate());
    }
}
