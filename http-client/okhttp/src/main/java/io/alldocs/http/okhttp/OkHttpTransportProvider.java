package io.alldocs.http.okhttp;

import io.alldocs.http.HttpTransport;
import io.alldocs.http.HttpTransportProvider;
import io.alldocs.http.TransportOptions;

/** Creates the transport that {@code HTTP_TRANSPORT=okhttp} names. */
public final class OkHttpTransportProvider implements HttpTransportProvider {

    /** Creates the provider; called by ServiceLoader. */
    public OkHttpTransportProvider() {}

    @Override
    public String name() {
        return "okhttp";
    }

    @Override
    public HttpTransport create(TransportOptions options) {
        return OkHttpTransport.of(options);
    }
}
