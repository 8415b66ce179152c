package io.alldocs.http.okhttp;

import io.alldocs.http.HttpTransport;
import io.alldocs.http.TransportOptions;
import io.alldocs.http.contract.TransportContract;

class OkHttpContractTest extends TransportContract {

    @Override
    protected HttpTransport newTransport(TransportOptions options) {
        return OkHttpTransport.of(options);
    }
}
