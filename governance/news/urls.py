from django.urls import path

from . import views

urlpatterns = [
    path("informations/", views.news_list, name="news"),
    path("informations/nouvelle/", views.create, name="news_new"),
    path("informations/<int:pk>/", views.news_page, name="news_page"),
    path("informations/<int:pk>/modifier/", views.edit, name="news_edit"),
    path("informations/<int:pk>/publier/", views.publish, name="news_publish"),
    path("informations/<int:pk>/retirer/", views.withdraw, name="news_withdraw"),
    path("informations/fichiers/<int:pk>/", views.news_file, name="news_file"),
]
