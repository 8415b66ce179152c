package io.alldocs.http.okhttp;

import io.alldocs.http.HttpTransport;
import io.alldocs.http.TransportOptions;
import io.alldocs.http.contract.Http2Contract;

class OkHttp2ContractTest extends Http2Contract {

    @Override
    protected HttpTransport newTransport(TransportOptions options) {
        return OkHttpTransport.of(options);
    }
}
