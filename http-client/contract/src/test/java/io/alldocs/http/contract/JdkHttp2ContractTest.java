package io.alldocs.http.contract;

import io.alldocs.http.HttpTransport;
import io.alldocs.http.JdkTransport;
import javax.net.ssl.SSLContext;

class JdkHttp2ContractTest extends Http2Contract {

    @Override
    protected HttpTransport newTransport(SSLContext trusted) {
        return JdkTransport.builder()
                .connectTimeout(HASTY.connect())
                .sslContext(trusted)
                .http2(8)
                .build();
    }
}
