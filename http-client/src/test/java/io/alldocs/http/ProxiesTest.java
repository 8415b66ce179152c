package io.alldocs.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests which proxy is used for an address. */
class ProxiesTest {

    @ParameterizedTest
    @CsvSource({
        "HTTPS_PROXY=http://p:1,https://r.example/,p:1",
        "https_proxy=http://p:1,https://r.example/,p:1",
        "Https_Proxy=http://p:1,https://r.example/,p:1",
        "HTTPS_PROXY=http://p:1,http://r.example/,p:1",
        "HTTP_PROXY=http://p:1,http://r.example/,p:1",
        "http_proxy=http://p:1,https://r.example/,direct",
        "PROXY=http://p:1,http://r.example/,p:1",
        "PROXY=http://p:1,https://r.example/,direct",
        "HTTP_PROXY=http://p:1 HTTPS_PROXY=http://q:2,http://r.example/,q:2",
        "npm_config_proxy=http://p:1,https://r.example/,p:1",
        "npm_config_https_proxy=http://p:1 npm_config_proxy=http://q:2,http://r.example/,p:1",
        "npm_config_proxy=http://p:1 HTTPS_PROXY=http://q:2,https://r.example/,p:1",
        "npm_config_proxy=null HTTPS_PROXY=http://q:2,https://r.example/,q:2",
        "npm_config_proxy=false HTTPS_PROXY=http://q:2,https://r.example/,q:2",
        "HTTPS_PROXY=p.example:3128,https://r.example/,p.example:3128",
        "HTTPS_PROXY=http://p_1.example,https://r.example/,p_1.example:80",
        "HTTPS_PROXY=http://[::1]:3128/,https://r.example/,[::1]:3128"
    })
    void of_eachSource_isChosenAsNpmDoes(String settings, String address, String expected) {
        assertThat(chosen(settings, address)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "corp.example|registry.corp.example|direct",
                ".corp.example|registry.corp.example|direct",
                "corp.example|corp.example|direct",
                "corp.example|xcorp.example|p:1",
                "CORP.example|registry.corp.EXAMPLE|direct",
                "other.example, corp.example ,x|registry.corp.example|direct",
                "localhost,.other.example|registry.corp.example|p:1",
                "localhost,127.0.0.1|127.0.0.1:4873|direct",
                "0.0.1|127.0.0.1|direct",
                ",|registry.corp.example|p:1",
                "registry.corp.example.|registry.corp.example|direct"
            })
    void of_hostInTheList_isReachedDirectly(String list, String host, String expected) {
        assertThat(chosen("HTTPS_PROXY=http://p:1", "NO_PROXY", list, "https://" + host + "/"))
                .isEqualTo(expected);
        assertThat(chosen("HTTPS_PROXY=http://p:1 NO_PROXY=example", "npm_config_noproxy", list, "https://" + host))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "jo:example-pw,jo:example-pw",
        "jo:p%40ss%3aword,jo:p@ss:word",
        "j%C3%B6:a+b,jö:a+b",
        "jo,jo:",
        "jo:p@ss,jo:p@ss",
        "jo:p#ss/w,jo:p#ss/w"
    })
    void of_userAndPassword_areDecoded(String userInfo, String pair) {
        Proxies proxies = proxies(Map.of("HTTPS_PROXY", "http://" + userInfo + "@proxy.example:3128"));
        Proxies.HttpProxy proxy = proxies.of(URI.create("https://r.example/"));
        assertThat(proxy).hasToString("proxy.example:3128");
        assertThat(proxy.authorization())
                .isEqualTo("Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "socks5://hunter2@p:1",
                "socks://p:1",
                "https://jo:hunter2@p:1",
                "http://jo:hunter2@",
                "http://p:hunter2",
                "http://p:99999",
                "http://jo:hunter2%zz@p:1",
                "ftp://p"
            })
    void of_unusableProxy_isAnErrorThatNamesTheSettingOnly(String value) {
        for (String variable : new String[] {"HTTPS_PROXY", "npm_config_proxy"}) {
            NpmConfig config = NpmConfig.loader(Map.of(variable, value)).load();
            assertThatThrownBy(() -> BaseHttpClient.builder().npmConfig(config).build())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(variable)
                    .hasMessageNotContaining("hunter2");
        }
    }

    @Test
    void of_noProxy_isEmpty() {
        assertThat(NpmConfig.loader(Map.of("NO_PROXY", "x", "HTTPS_PROXY", " "))
                        .load()
                        .proxies())
                .isEmpty();
    }

    private static String chosen(String settings, String address) {
        Map<String, String> variables = new HashMap<>();
        for (String setting : settings.split(" ", -1)) {
            variables.put(setting.substring(0, setting.indexOf('=')), setting.substring(setting.indexOf('=') + 1));
        }
        return String.valueOf(orDirect(variables, address));
    }

    private static String chosen(String settings, String name, String value, String address) {
        Map<String, String> variables = new HashMap<>(Map.of(name, value));
        for (String setting : settings.split(" ", -1)) {
            variables.put(setting.substring(0, setting.indexOf('=')), setting.substring(setting.indexOf('=') + 1));
        }
        return orDirect(variables, address);
    }

    private static String orDirect(Map<String, String> variables, String address) {
        return NpmConfig.loader(variables)
                .load()
                .proxies()
                .map(proxies -> String.valueOf(proxies.of(URI.create(address))))
                .filter(proxy -> !proxy.equals("null"))
                .orElse("direct");
    }

    private static Proxies proxies(Map<String, String> variables) {
        return NpmConfig.loader(variables).load().proxies().orElseThrow();
    }
}
