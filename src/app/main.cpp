#include <cstdio>

int main() {
    std::puts("godwit " GODWIT_VERSION);
    return 0;
}
