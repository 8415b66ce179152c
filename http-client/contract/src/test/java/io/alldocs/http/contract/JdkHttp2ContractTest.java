package io.alldocs.http.contract;

import io.alldocs.http.HttpTransport;
import io.alldocs.http.JdkTransport;
import io.alldocs.http.TransportOptions;

class JdkHttp2ContractTest extends Http2Contract {

    @Override
    protected HttpTransport newTransport(TransportOptions options) {
        return JdkTransport.of(options);
    }
}
