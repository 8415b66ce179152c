package io.alldocs.http.okhttp;

import io.alldocs.http.HttpTransport;
import io.alldocs.http.contract.Http2Contract;
import javax.net.ssl.SSLContext;

class OkHttp2ContractTest extends Http2Contract {

    @Override
    protected HttpTransport newTransport(SSLContext trusted) {
        return OkHttpTransport.builder()
                .connectTimeout(HASTY.connect())
                .sslContext(trusted)
                .http2(8)
                .build();
    }
}
